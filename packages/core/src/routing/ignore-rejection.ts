/** Handles the rejection of a promise that is not awaited, so that it cannot end the process. */
export function ignoreRejection(value: unknown): void {
  Promise.resolve(value).catch(() => {})
}
