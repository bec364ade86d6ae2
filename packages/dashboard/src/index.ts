export { createDashboard, type DashboardServerOptions } from './create-dashboard.js'
export { type DashboardOptions, dashboard } from './dashboard.js'
