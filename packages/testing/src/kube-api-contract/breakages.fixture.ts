import type { KubeApiRule } from '../kube-api-contract.js'
import { ADMISSION_BREAKAGES } from './admission-breakages.fixture.js'
import type { Breakage } from './broken-server.fixture.js'
import {
  answering,
  asJsonPatch,
  bodyOf,
  deafTo,
  isJsonPatch,
  isMergePatch,
  metadataOf,
  mistaking,
  operating,
  restating,
  rewriting,
  telling,
  withMetadata,
  without,
} from './faults.fixture.js'

/** For each rule, a server that breaks it, and the server's fault. */
export const BREAKAGES: Readonly<Record<KubeApiRule, readonly [fault: string, breakage: Breakage]>> = {
  ...ADMISSION_BREAKAGES,
  'answers 401 with a Status to a token that it does not know': [
    'lets everybody in',
    { request: ({ token: _, ...asked }) => asked },
  ],
  'answers 404 with a Status to an object that is not there': [
    'answers 404 with a page',
    answering((answer) => (answer.status === 404 ? { ...answer, body: '404 page not found' } : answer)),
  ],
  'answers 404 to a resource that it does not serve': ['has an empty list of everything', restating(404, 200, 'GET')],
  'gives a new object its uid, generation and resourceVersion, and answers 201': [
    'has generations that begin at 0',
    answering((answer, { method }) =>
      method === 'POST'
        ? { ...answer, body: { ...bodyOf(answer), metadata: { ...metadataOf(answer), generation: 0 } } }
        : answer,
    ),
  ],
  'answers as application/json': [
    'calls its JSON text',
    answering((answer) => ({ ...answer, contentType: 'text/plain' })),
  ],
  'answers 409 AlreadyExists to a second object of the same name': [
    'calls a taken name a conflict',
    restating(409, 409, 'POST', 'Conflict'),
  ],
  'answers 422 to a name that is no DNS name': [
    'makes a name out of one that is none',
    mistaking('POST', (asked) => ({
      ...asked,
      body: JSON.parse(JSON.stringify(asked.body).replaceAll('Not_a_name', 'not-a-name')),
    })),
  ],
  'answers 400 to a body that is not JSON': ['breaks down over bad JSON', restating(400, 500, 'POST', 'InternalError')],
  'serves the same object under every version of its group': [
    'always speaks v1',
    answering((answer) => ({ ...answer, body: { ...bodyOf(answer), apiVersion: 'networking.istio.io/v1' } })),
  ],
  'lists the one object that a fieldSelector names': ['lists everything', deafTo('fieldSelector', false)],
  'replaces an object by a PUT with its resourceVersion': [
    'takes a PUT and does nothing',
    mistaking('PUT', ({ path, method: _, body: __, ...asked }) => ({ ...asked, path })),
  ],
  'answers 409 Conflict to a PUT with a stale resourceVersion': [
    'calls a stale PUT invalid',
    restating(409, 422, 'PUT'),
  ],
  'answers 422 to a PUT of a custom resource without a resourceVersion': [
    'takes a PUT without a resourceVersion',
    restating(422, 200, 'PUT'),
  ],
  'answers 400 to a PUT whose name is not that of its path': [
    'calls the wrong name invalid',
    restating(400, 422, 'PUT'),
  ],
  'forgets an object that is deleted': [
    'keeps what is deleted',
    mistaking('DELETE', (asked) => ({ ...asked, method: 'GET' })),
  ],
  'answers 409 to a DELETE on condition of another uid': [
    'deletes without a look at the condition',
    mistaking('DELETE', ({ body: _, ...asked }) => asked),
  ],
  'keeps siblings outside of a merge patch': [
    'replaces where it should merge',
    {
      request: (asked) =>
        isMergePatch(asked) && metadataOf(asked).annotations !== undefined
          ? asJsonPatch(asked, { op: 'add', path: '/metadata/annotations', value: metadataOf(asked).annotations })
          : asked,
    },
  ],
  'removes a member that a merge patch sets to null': [
    'takes null for an empty text',
    mistaking('PATCH', (asked) => ({ ...asked, body: JSON.parse(JSON.stringify(asked.body).replace('null', '""')) })),
  ],
  'replaces the lists of a merge patch as a whole': [
    'appends to lists',
    {
      request: (asked) =>
        isMergePatch(asked) && bodyOf(asked).spec !== undefined
          ? asJsonPatch(asked, {
              op: 'add',
              path: '/spec/http/-',
              value: (bodyOf(asked).spec as { readonly http: readonly unknown[] }).http[0],
            })
          : asked,
    },
  ],
  'takes a merge patch with the current resourceVersion, and gives the object another': [
    'never moves on from a resourceVersion',
    answering((answer, asked) =>
      withMetadata(answer, asked, (metadata) => ({ ...metadata, resourceVersion: metadataOf(asked).resourceVersion })),
    ),
  ],
  'answers 409 to a merge patch with a stale resourceVersion': [
    'does not look at resourceVersions',
    rewriting(without('resourceVersion')),
  ],
  'lets one of two writers with the same resourceVersion through': [
    'lets the last writer win',
    rewriting(without('resourceVersion')),
  ],
  'leaves the resourceVersion alone where a patch changes nothing': [
    'counts every patch',
    answering((answer, asked) =>
      withMetadata(answer, asked, (metadata) => ({ ...metadata, resourceVersion: `${metadata.resourceVersion}0` })),
    ),
  ],
  'raises the generation with the spec, and not with an annotation': [
    'counts annotations as content',
    answering((answer, asked) =>
      withMetadata(answer, asked, (metadata) => ({ ...metadata, generation: Number(metadata.generation) + 1 })),
    ),
  ],
  'refuses a merge patch that renames an object': ['passes over a new name', rewriting(without('name'))],
  'refuses a merge patch that moves an object to another namespace': [
    'passes over a new namespace',
    rewriting(without('namespace')),
  ],
  'answers 404 to a patch of an object that is not there': ['patches nothing', restating(404, 200, 'PATCH')],
  'answers 422 to a weight that is a string, and names the field': [
    'does not say which field is wrong',
    answering((answer) => (answer.status === 422 ? { ...answer, body: { ...bodyOf(answer), details: {} } } : answer)),
  ],
  'answers 415 to a strategic merge patch on a custom resource': [
    'takes a strategic merge patch for a merge patch',
    mistaking('PATCH', (asked) => ({ ...asked, contentType: asked.contentType!.replace('strategic-', '') })),
  ],
  'answers 415 to a patch that is plain JSON': [
    'takes plain JSON for a merge patch',
    mistaking('PATCH', (asked) => ({
      ...asked,
      contentType: asked.contentType!.replace('n/json', 'n/merge-patch+json'),
    })),
  ],
  'carries out the operations of a json-patch in order': [
    'carries out the last operation first',
    operating((operations) => operations.toReversed()),
  ],
  'answers 422 to a failed json-patch test, and does nothing of it': [
    'calls a failed test a conflict',
    restating(422, 409, 'PATCH', 'Conflict'),
  ],
  'answers 422 to a json-patch of a place that is not there': [
    'passes over operations that do not apply',
    operating((operations) => operations.filter(({ path }) => !String(path).includes('/7/'))),
  ],
  'answers 409 to a json-patch that writes a stale resourceVersion': [
    'passes over a resourceVersion in a json-patch',
    operating((operations) => operations.filter(({ path }) => path !== '/metadata/resourceVersion')),
  ],
  'answers 400 to a json-patch that is no list': [
    'takes one operation for a list of one',
    {
      request: (asked) => (isJsonPatch(asked) && !Array.isArray(asked.body) ? { ...asked, body: [asked.body] } : asked),
    },
  ],
  'begins a watch without a resourceVersion with what is there': [
    'begins a watch with silence',
    telling((event) => (event.type === 'ADDED' ? undefined : event)),
  ],
  'tells a watch of a change and of the end, in order': [
    'leaves out what is not the newest',
    telling((event) => (JSON.stringify(event).includes('"weight":20') ? undefined : event)),
  ],
  'gives the event of a deletion a resourceVersion of its own': [
    'tells of a deletion with an old resourceVersion',
    telling((event, { path }) => {
      const resourceVersion = new URL(path, 'http://localhost').searchParams.get('resourceVersion')
      return { ...event, object: { ...event.object, metadata: { ...event.object.metadata, resourceVersion } } }
    }),
  ],
  'resumes a watch from a resourceVersion with what came after it': [
    'begins every watch anew',
    deafTo('resourceVersion', true),
  ],
  'tells a watch from the resourceVersion of a list what is made after it': [
    'calls a new object modified',
    telling((event) => ({ ...event, type: 'MODIFIED' })),
  ],
  'tells a watch of one name nothing of another': ['tells everybody everything', deafTo('fieldSelector', true)],
  'tells a watch nothing of a patch that changes nothing': [
    'touches an object with every patch',
    rewriting((metadata) => ({ ...metadata, annotations: { touched: String(Math.random()) } })),
  ],
  'tells a watch under another version of the group the same': [
    'always watches v1',
    { request: (asked) => ({ ...asked, path: asked.path.replace('/v1beta1/', '/v1/') }) },
  ],
  'ends a watch cleanly after its timeoutSeconds': ['cuts its watches', { cutsWatches: true }],
  'answers 410 to a watch from a resourceVersion that is too old': [
    'takes an old resourceVersion for none',
    { request: (asked) => ({ ...asked, path: asked.path.replace(/resourceVersion=1$/, 'resourceVersion=0') }) },
  ],
}
