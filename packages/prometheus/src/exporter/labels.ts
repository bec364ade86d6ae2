/** The labels of a series, in the order of output. */
export type Labels = readonly (readonly [name: string, value: string])[]
