import { describe, expect, it } from 'vitest'
import { randomStrategy } from './random.js'

const drawing = (chance: number) => randomStrategy({ random: () => chance })

describe('randomStrategy', () => {
  it('randomises each request independently', () => {
    expect(randomStrategy()).toMatchObject({ name: 'random', unit: 'request' })
  })

  it('sends to the canary what is drawn below the weight', () => {
    expect(drawing(0.0999).pick({}, 10)).toBe('canary')
    expect(drawing(0.1).pick({}, 10)).toBe('baseline')
  })

  it('does not lose a hundredth of a percent', () => {
    expect(drawing(0.00009).pick({}, 0.01)).toBe('canary')
    expect(drawing(0.0001).pick({}, 0.01)).toBe('baseline')
  })

  it('sends no request at 0 and every request at 100, whatever the random number', () => {
    for (const chance of [0, 0.5, 1 - 2 ** -53]) {
      expect(drawing(chance).pick({}, 0)).toBe('baseline')
      expect(drawing(chance).pick({}, 100)).toBe('canary')
    }
  })

  it('draws again for the same key', () => {
    const draws = [0.2, 0.8]
    const strategy = randomStrategy({ random: () => draws.shift() ?? 0 })
    expect([strategy.pick({ key: 'a' }, 50), strategy.pick({ key: 'a' }, 50)]).toEqual(['canary', 'baseline'])
  })

  it('says where the share is set', () => {
    expect(() => randomStrategy({ percent: 10 } as object)).toThrow(
      'randomStrategy has no option "percent"; it knows random; the share is set by plan: [5, 25, 100]; see https://',
    )
  })

  it('refuses an unknown option, and a random option that is not a function', () => {
    expect(() => randomStrategy({ seed: 1 } as object)).toThrow('UNKNOWN_OPTION')
    expect(() => randomStrategy({ random: 0.5 as unknown as () => number })).toThrow('INVALID_OPTION')
  })
})
