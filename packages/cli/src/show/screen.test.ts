import { describe, expect, it } from 'vitest'
import { createScreen, cutTo } from './screen.js'

describe('a line', () => {
  it('is cut by what is seen of it, and keeps its colours complete', () => {
    expect(cutTo(5, 'abcde')).toBe('abcde')
    expect(cutTo(5, 'abcdef')).toBe('abcd…')
    expect(cutTo(5, '\u001b[32mabcde\u001b[39m')).toBe('\u001b[32mabcde\u001b[39m')
    expect(cutTo(5, '\u001b[32mabcdef\u001b[39m')).toBe('\u001b[32mabcd\u001b[39m…')
  })
})

describe('a screen', () => {
  it('draws over its earlier lines, clears what is below, and gives the cursor back', () => {
    const written: string[] = []
    const screen = createScreen({ write: (text) => written.push(text), isTerminal: true, columns: 10, rows: 3 })
    screen.draw(['one', 'two', 'three'])
    screen.draw(['four'])
    screen.end()
    const clear = '\u001b[2K'
    expect(written).toEqual([
      '\u001b[?25l',
      `\r\u001b[?7l${clear}one\n${clear}two\n\u001b[0J\u001b[?7h`,
      `\u001b[2A\r\u001b[?7l${clear}four\n\u001b[0J\u001b[?7h`,
      '\u001b[?25h',
    ])
  })
})
