import { InvalidArgumentError } from 'commander'

/** Returns a function that reads a number between two limits. */
export const numberFrom =
  (low: number, high: number) =>
  (text: string): number => {
    const value = text.trim() === '' ? Number.NaN : Number(text)
    if (value >= low && value <= high) return value
    throw new InvalidArgumentError(`It must be a number from ${low} to ${high}.`)
  }

/** Returns a function that reads a whole number between two limits. */
export const wholeFrom =
  (low: number, high: number) =>
  (text: string): number => {
    const value = text.trim() === '' ? Number.NaN : Number(text)
    if (Number.isInteger(value) && value >= low && value <= high) return value
    throw new InvalidArgumentError(`It must be a whole number from ${low} to ${high}.`)
  }
