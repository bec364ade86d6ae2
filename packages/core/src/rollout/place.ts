/** Returns a step in words: step 0 is the warm-up. */
export const placeOf = (step: number): string => (step === 0 ? 'the warm-up' : `step ${step}`)
