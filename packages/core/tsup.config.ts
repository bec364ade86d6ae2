import { library } from '../../tsup.base.js'

export default library([
  'src/index.ts',
  'src/routing.ts',
  'src/judge.ts',
  'src/controller.ts',
  'src/adapter.ts',
  'src/webhook.ts',
])
