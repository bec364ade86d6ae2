/**
 * The same members, and its own functions may assign them: the state of an object on the path of a request.
 *
 * Such objects keep their state in plain members. V8 keeps an object literal with a getter in a dictionary, where every
 * call of one of its methods is a lookup by name. See docs/performance.md.
 */
export type Writable<Value> = { -readonly [Name in keyof Value]: Value[Name] }
