/** Non-empty bins as `[bin, count]`, rising by bin. */
export type SparseBins = readonly (readonly [bin: number, count: number])[]
