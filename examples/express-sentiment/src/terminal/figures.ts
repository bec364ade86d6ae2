/** What is shown without data, instead of a zero. */
const NOTHING = '–'

const grouped = new Intl.NumberFormat('en-US')

/** "12,345". */
export const count = (value: number): string => grouped.format(value)

/** "47.3 %", of a fraction. */
export function percent(share: number | null | undefined): string {
  return share === null || share === undefined ? NOTHING : `${(share * 100).toFixed(1)} %`
}

/** "0.012", "1.24", "81.3": milliseconds to three figures. */
export function milliseconds(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return NOTHING
  if (ms < 1) return ms.toFixed(3)
  return ms < 10 ? ms.toFixed(2) : ms.toFixed(1)
}

/** "8.0 s". */
export const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`

/** "1:07". */
export function clockTime(ms: number): string {
  const whole = Math.max(0, Math.floor(ms / 1_000))
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`
}
