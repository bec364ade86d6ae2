import type { KubeApiRule } from '../kube-api-contract.js'
import type { admissionRules } from './admission-rules.js'
import type { applyRules } from './apply-rules.js'
import type { Breakage } from './broken-server.fixture.js'
import { answering, bodyOf, deafTo, mistaking, restating, rewriting, without } from './faults.fixture.js'

type Rule = KubeApiRule & keyof (ReturnType<typeof admissionRules> & ReturnType<typeof applyRules>)

/** The broken servers for rules about which objects are accepted, refused, pruned, kept and applied. */
export const ADMISSION_BREAKAGES: Readonly<Record<Rule, readonly [fault: string, breakage: Breakage]>> = {
  'answers 404 to a new object in a namespace that is not there': [
    'makes every namespace that is named',
    mistaking('POST', (asked) => ({ ...asked, path: asked.path.replace('default-not-there', 'default') })),
  ],
  'leaves out members that it does not know': [
    'keeps members that it does not know',
    answering((answer, { method }) =>
      method === 'GET' && answer.status === 200 ? { ...answer, body: { ...bodyOf(answer), specs: {} } } : answer,
    ),
  ],
  'answers 422 to a destination without a host': [
    'makes up a host',
    mistaking('PATCH', (asked) => ({
      ...asked,
      body: JSON.parse(JSON.stringify(asked.body).replace('{"subset":"v2"}', '{"host":"x","subset":"v2"}')),
    })),
  ],
  'takes a weight that is null for none': [
    'takes a weight that is null for one that is wrong',
    mistaking('PATCH', (asked) => ({
      ...asked,
      body: JSON.parse(JSON.stringify(asked.body).replace('null', '"null"')),
    })),
  ],
  'answers 422 to an annotation that is no string': [
    'makes strings of annotations',
    mistaking('PATCH', (asked) => ({ ...asked, body: JSON.parse(JSON.stringify(asked.body).replace(':5', ':"5"')) })),
  ],
  'answers 422 to a value of a ConfigMap that is no string': [
    'makes strings of values',
    mistaking('PATCH', (asked) => ({ ...asked, body: JSON.parse(JSON.stringify(asked.body).replace(':5', ':"5"')) })),
  ],
  'answers 422 to a ConfigMap of more than a mebibyte': [
    'calls a large ConfigMap too large a request',
    restating(422, 413, 'PATCH', 'RequestEntityTooLarge'),
  ],
  'answers 422 to a change of a ConfigMap that is immutable': [
    'passes over what is immutable',
    mistaking('PATCH', (asked) => ({
      ...asked,
      body: JSON.parse(JSON.stringify(asked.body).replace('immutable', 'x')),
    })),
  ],
  'keeps an object with a finalizer until that is taken away': [
    'does not know finalizers',
    rewriting(without('finalizers')),
  ],
  'makes an object by an apply, and answers 201': [
    'applies only to what is there',
    restating(201, 404, 'PATCH', 'NotFound'),
  ],
  'answers 409 to an apply of a field that another manager has changed, and names both': [
    'applies over everybody',
    {
      request: (asked) => ({ ...asked, path: asked.path.replace(/fieldManager=git$/, 'fieldManager=git&force=true') }),
    },
  ],
  'lets an apply with force have the fields of another manager': ['knows no force', deafTo('force', false)],
  'takes away what an apply leaves out that it had put there, and nothing of others': [
    'takes every apply for one by somebody else',
    {
      request: (asked) => ({
        ...asked,
        path: asked.path.replace('fieldManager=git', `fieldManager=git-${JSON.stringify(asked.body).length}`),
      }),
    },
  ],
  'answers 400 to an apply by nobody': [
    'finds a name for nobody',
    mistaking('PATCH', (asked) => ({ ...asked, path: `${asked.path}?fieldManager=nobody` })),
  ],
}
