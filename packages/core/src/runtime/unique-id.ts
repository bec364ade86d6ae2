/** Returns an id that no other process has: 80 random bits. */
export function uniqueId({ random = Math.random }: { readonly random?: () => number } = {}): string {
  const digits = (): string =>
    Math.floor(random() * 2 ** 40)
      .toString(32)
      .padStart(8, '0')
  return `${digits()}${digits()}`
}
