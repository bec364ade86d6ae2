/** The exponent of the smallest number above 0. */
const LEAST_EXPONENT = -1074

/** A number above 0 as two whole numbers: an odd mantissa, and an exponent of 2 from −1074 up, counted from 0. */
export interface FloatParts {
  readonly mantissa: number
  readonly exponent: number
}

/** Returns the parts of a number, which must be finite and above 0. */
export function partsOf(size: number): FloatParts {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, size)
  const high = view.getUint32(0)
  const biased = high >>> 20
  const fraction = (high & 0xfffff) * 2 ** 32 + view.getUint32(4)
  let mantissa = biased === 0 ? fraction : fraction + 2 ** 52
  let exponent = Math.max(biased, 1) - 1
  while (mantissa % 2 === 0) {
    mantissa /= 2
    exponent++
  }
  return { mantissa, exponent }
}

/** Returns the number that has these parts. */
export const productOf = (mantissa: number, exponent: number): number => mantissa * 2 ** (exponent + LEAST_EXPONENT)
