export function logExceedsEvidence(difference: number, variance: number, boundary: number, shift: number): number {
  return variance > 0 ? ((difference - boundary) * shift - (shift * shift) / 2) / variance : 0
}
export function logStaysBelowEvidence(difference: number, variance: number, boundary: number, shift: number): number {
  return variance > 0 ? ((boundary - difference) * shift - (shift * shift) / 2) / variance : 0
}
