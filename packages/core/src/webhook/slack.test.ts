import { describe, expect, it } from 'vitest'
import { messageAbout } from './message.fixture.js'
import { slackText, toSlack } from './slack.js'

describe('a message for Slack', () => {
  it('has a text for the notification, a section, and the state of the rollout', () => {
    const message = messageAbout('rolled-back', { epoch: 3, reason: 'p95 < 80 & > 60' }, { status: { weight: 0 } })
    const line = ':rotating_light: Rollout "sentiment" of v2 against v1 is rolled back to v1: p95 &lt; 80 &amp; &gt; 60'
    const where = 'sentiment · v1 → v2 · progressing · 0 % · step 2 · epoch 3'
    expect(toSlack(message)).toEqual({
      text: line,
      blocks: [
        { type: 'section', text: { type: 'mrkdwn', text: line, verbatim: true } },
        { type: 'context', elements: [{ type: 'mrkdwn', text: where, verbatim: true }] },
      ],
    })
  })

  it('contains no mention or link, whatever the text of a reason, name or version', () => {
    const evil = '<!channel> <@U123> <https://evil.example|see here>'
    const status = { name: evil, versions: { baseline: evil, canary: evil } }
    const sent = JSON.stringify(toSlack(messageAbout('alert', { at: 0, about: 'hold', message: evil }, { status })))
    expect(sent).not.toMatch(/[<>]/)
    expect(sent).toContain('&lt;!channel&gt;')
  })

  it('is not longer than Slack accepts, and does not cut an entity or a character in two', () => {
    expect(slackText('<'.repeat(3_000))).toBe(`${'&lt;'.repeat(749)}…`)
    expect(slackText(`a${'🚀'.repeat(2_000)}`)).toBe(`a${'🚀'.repeat(1_499)}…`)
    expect(slackText('x'.repeat(3_000))).toBe('x'.repeat(3_000))
  })
})
