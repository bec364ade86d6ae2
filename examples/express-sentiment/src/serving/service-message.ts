/** The single message of the service to the program that started it. */
export type ServiceMessage =
  | { readonly type: 'listening'; readonly port: number }
  | { readonly type: 'failed'; readonly message: string }
