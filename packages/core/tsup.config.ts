import { library } from '../../tsup.base.js'

export default library([
  'src/index.ts',
  'src/judge.ts',
  'src/controller.ts',
  'src/adapter.ts',
  'src/webhook.ts',
  'src/webhook-receiver.ts',
  'src/folder-store.ts',
])
