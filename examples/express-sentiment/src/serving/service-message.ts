/** What the service tells the program that started it: once, as soon as it knows. */
export type ServiceMessage =
  | { readonly type: 'listening'; readonly port: number }
  | { readonly type: 'failed'; readonly message: string }
