import { describe, expect, it } from 'vitest'
import { parseArguments, USAGE } from '../src/arguments.js'

describe('the command line', () => {
  it('has a default for everything', () => {
    expect(parseArguments([])).toEqual({ scenario: 'good', pace: 'normal', port: 3000, rate: 250, exit: false })
  })

  it('takes each option, with a space or an equals sign', () => {
    expect(parseArguments(['--scenario', 'hung', '--exit', '--port=0', '--rate', '40'])).toEqual({
      scenario: 'hung',
      pace: 'normal',
      port: 0,
      rate: 40,
      exit: true,
    })
  })

  it('sends more a second at the fast pace, unless told otherwise', () => {
    expect(parseArguments(['--pace', 'fast'])).toMatchObject({ pace: 'fast', rate: 300 })
    expect(parseArguments(['--pace', 'fast', '--rate', '7'])).toMatchObject({ rate: 7 })
  })

  it.each([
    [['--scenaro', 'good'], 'There is no option --scenaro.'],
    [['--__proto__', 'x'], 'There is no option --__proto__.'],
    [['-x'], 'There is no option -x.'],
    [['good'], '"good" is not an option; options begin with --.'],
    [
      ['--scenario', 'ugly'],
      '--scenario must be one of good, errors, slow, shifted, crash, hung, cold, better, not "ugly".',
    ],
    [['--scenario'], '--scenario must be one of good, errors, slow, shifted, crash, hung, cold, better.'],
    [
      ['--scenario', 'toString'],
      '--scenario must be one of good, errors, slow, shifted, crash, hung, cold, better, not "toString".',
    ],
    [['--pace', 'slow'], '--pace must be one of normal, fast, not "slow".'],
    [['--port', '65536'], '--port must be a whole number from 0 to 65535, not "65536".'],
    [['--port', '-1'], '--port must be a whole number from 0 to 65535, not "-1".'],
    [['--port'], '--port must be a whole number from 0 to 65535.'],
    [['--rate', '0'], '--rate must be a whole number from 1 to 2000, not "0".'],
    [['--rate', '1e3'], '--rate must be a whole number from 1 to 2000, not "1e3".'],
    [['--exit=no'], '--exit takes no value.'],
  ])('refuses %j', (argv, problem) => {
    expect(parseArguments(argv)).toEqual({ problem })
  })

  it('helps when asked, and names every option', () => {
    expect(parseArguments(['--help'])).toEqual({ help: true })
    for (const name of ['scenario', 'exit', 'port', 'rate', 'pace', 'help']) expect(USAGE).toContain(`--${name}`)
    expect(Math.max(...USAGE.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
  })
})
