// Both majors side by side: what the tests use of Koa 2 has the types of Koa 3.
declare module 'koa-v2' {
  import Koa from 'koa'
  export default Koa
}
