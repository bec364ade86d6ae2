import { describe, expect, it } from 'vitest'
import { introduction } from '../src/terminal/introduction.js'
import { fold } from '../src/terminal/lines.js'
import { liveScreen } from '../src/terminal/screen.js'
import { createShow } from '../src/terminal/show.js'
import { isAsExpected, summary } from '../src/terminal/summary.js'
import { checkWith, decisionWith, snapshotWith } from './snapshot.fixture.js'

const widest = (lines: readonly string[]) => Math.max(...lines.map((line) => line.length))

/** Something that output goes to, as a terminal or as a pipe. */
function output(isTTY: boolean, rows = 24) {
  const written: string[] = []
  return { isTTY, rows, write: (text: string) => written.push(text), text: () => written.join('') }
}

describe('the introduction', () => {
  it('prints the plan with its times and says that production takes longer ones', () => {
    const lines = introduction(snapshotWith().options, { origin: 'http://127.0.0.1:3000', token: 'abc' })
    const text = lines.join(' ').replace(/ +/g, ' ')
    expect(text).toContain('warm-up at 5 % for 5.0 s, then 10 → 25 → 50 → 100 %')
    expect(text).toContain('at least 8.0 s and 200 requests of each version')
    expect(text).toContain('a look every 2.0 s')
    expect(text).toContain('a tick of 1.0 s, 20 of them to know the')
    expect(text).toContain('in production leave the judge its defaults: a tick of 15 s')
    expect(widest(lines)).toBeLessThanOrEqual(80)
  })
})

describe('the summary', () => {
  const history = [
    decisionWith({ action: 'start', step: 0, weight: 0 }),
    decisionWith({ action: 'hold' }),
    decisionWith({}),
    decisionWith({
      action: 'promote',
      step: 5,
      weight: 100,
      now: { state: 'promoted', step: 5, weight: 100, waitingFor: null },
    }),
  ]
  const reason = '618 canary requests and no breach'
  const promoted = snapshotWith({ state: 'promoted', weight: 100, reason }, { history })

  it('says how it ended, why, where it went step by step, and what the callers noticed', () => {
    expect(summary(promoted)).toEqual([
      'The rollout of scenario "good" is promoted after 27.3 s, as it should.',
      'reason         618 canary requests and no breach',
      '',
      'step 1 at 10 %     8.0 s   1,983 of v1, 219 of v2    → 25 %',
      'step 5 at 100 %    8.0 s   1,983 of v1, 219 of v2    → promoted at 100 %',
      '',
      '                                        v1 AFINN-165               v2 wink-nlp',
      'requests                                      12,345                       678',
      'error rate                                     0.0 %                    11.2 %',
      'mean / p95 / p99 ms             0.012 / 0.032 / 1.24      81.3 / 95.0 / 1000.0',
      'positive / negative                  47.3 % / 52.7 %           100.0 % / 0.0 %',
      'accuracy by the labels                        79.4 %                    83.5 %',
      '',
      'callers        13,021 of 13,030 requests were answered, 79.6 % of them rightly,',
      '               2 failed, the last with HTTP 500; v2 failed 76 times, and v1',
      '               answered 74 times in its place',
      'v2 served      678 requests, 5.2 % of all',
    ])
    expect(isAsExpected(promoted)).toBe(true)
  })

  it('does not hide an end that is not the one of the scenario', () => {
    const options = { ...promoted.options, scenario: 'slow' as const }
    expect(isAsExpected({ ...promoted, options })).toBe(false)
    expect(summary({ ...promoted, options })[0]).toBe(
      'The rollout of scenario "slow" is promoted after 27.3 s, but it should have been rolled-back.',
    )
  })
})

describe('output to a file or a pipe', () => {
  it('has a line for each decision once, its checks, and no escape code', () => {
    const pipe = output(false)
    const show = createShow(pipe)
    const verdict = { kind: 'pass', epoch: 1, step: 1, checks: [checkWith({})] } as const
    const history = [decisionWith({ verdict }), decisionWith({ action: 'hold', reason: 'waiting for time' })]
    show.update(snapshotWith({}, { history, elapsedMs: 1_000 }))
    show.update(snapshotWith({}, { history, elapsedMs: 1_250 }))
    show.end()
    expect(pipe.text()).toBe(
      '0:21  advance from 10 % to 25 %: all 6 guardrails held over 219 canary and 1983 baseline requests\n' +
        '      held      errorRate       error rate 0 % against 0 %: no difference, 2 points accepted\n',
    )
  })

  it('says every three seconds how far it is', () => {
    const pipe = output(false)
    const show = createShow(pipe)
    for (let elapsedMs = 0; elapsedMs <= 6_250; elapsedMs += 250)
      show.update(snapshotWith({}, { history: [], elapsedMs }))
    expect(pipe.text().split('\n')).toEqual([
      expect.stringMatching(
        /^0:03 {2}progressing at 25 %, step 2 of 4: 10 \[25\] 50 100, waits for time, 3\.2 s of 8\.0 s; v1 12,345 requests, 0\.0 % errors, 0\.012 ms, 79\.4 % right; v2 678/,
      ),
      expect.stringMatching(/^0:06 {2}/),
      '',
    ])
  })
})

describe('output to a terminal', () => {
  it('is drawn in place, within the height of the terminal, and gives the cursor back', () => {
    const terminal = output(true, 4)
    const screen = liveScreen(terminal)
    screen.draw(['one', 'two', 'three', 'four'])
    screen.draw(['uno', 'due'])
    screen.end()
    screen.end()
    expect(terminal.text()).toBe(
      '\x1b[?25lone\x1b[K\ntwo\x1b[K\nthree\x1b[K\n\x1b[J' + '\x1b[3Auno\x1b[K\ndue\x1b[K\n\x1b[J' + '\x1b[?25h',
    )
  })

  it('colours the telling word at the beginning of a line, and nothing else', () => {
    const terminal = output(true)
    liveScreen(terminal).draw(['breached  latency', 'requests held', 'constructor'])
    expect(terminal.text()).toContain('\x1b[31mbreached\x1b[0m  latency\x1b[K\n')
    expect(terminal.text()).toContain('requests held\x1b[K\nconstructor\x1b[K\n')
  })

  it('shows the live view', () => {
    const terminal = output(true)
    createShow(terminal).update(snapshotWith())
    expect(terminal.text()).toContain('model-canary: sentiment v2 against v1')
  })
})

describe('folding', () => {
  it('breaks between words and indents all lines but the first', () => {
    expect(fold('one two three four', '  ', 9)).toEqual(['one two', '  three', '  four'])
  })

  it('leaves a word alone that is wider than the line', () => {
    expect(fold('a incomprehensibilities b', '', 5)).toEqual(['a', 'incomprehensibilities', 'b'])
  })
})
