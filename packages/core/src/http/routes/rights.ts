import { OPERATOR_VERBS } from '../../controller/verbs.js'
import type { AskPermission } from './permissions.js'
import type { RouteAction } from './route-options.js'

/** What the sender of a request may do. */
export interface Rights {
  /** Whether there are verbs at all: `authorize` is given. */
  readonly hasVerbs: boolean
  /** Who the sender is; `null` if `authorize` does not say. */
  readonly actor: string | null
  /** Whether the sender may do each. */
  readonly actions: Readonly<Record<RouteAction | 'status', boolean>>
}

/** Returns what the sender of a request may do now, so that a page can show it. A verb asks again when it is sent. */
export async function rightsOf<Request>(
  ask: AskPermission<Request>,
  request: Request,
  name: string,
  hasVerbs: boolean,
): Promise<Rights> {
  const actions = ['status', ...OPERATOR_VERBS] as const
  const permissions = await Promise.all(actions.map((action) => ask(request, action, name)))
  return {
    hasVerbs,
    actor: permissions.find(({ actor }) => actor !== undefined)?.actor ?? null,
    actions: Object.fromEntries(
      actions.map((action, at) => [action, permissions[at]?.isAllowed === true]),
    ) as Rights['actions'],
  }
}
