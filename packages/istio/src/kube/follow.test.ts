import type { Clock } from '@model-canary/core'
import { manualClock } from '@model-canary/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { hurriedClock } from './hurried-clock.fixture.js'
import type { KubeEvent } from './kube.js'
import { eventually } from './patience.fixture.js'
import { ADDRESS, objectAt } from './server.fixture.js'
import { type Answer, cut, ended, eventLine, inWords, list, open, refuse, stage } from './watch.fixture.js'

describe('a watch that ends', () => {
  it('continues from the last change, and reports nothing twice', async () => {
    const { told, asked } = await stage([
      list('10', objectAt('7')),
      ended(eventLine('MODIFIED', objectAt('11'))),
      open(eventLine('MODIFIED', objectAt('12'))),
    ])
    await eventually(() => told).toEqual(['present 7', 'present 11', 'present 12'])
    expect(asked()).toEqual(['list', 'watch 10', 'watch 11'])
  })

  it('continues in the same way if it is cut in the middle of a line', async () => {
    const half = eventLine('MODIFIED', objectAt('12')).slice(0, 40)
    const { told, asked } = await stage([
      list('10', objectAt('7')),
      cut(eventLine('MODIFIED', objectAt('11')), half),
      open(eventLine('MODIFIED', objectAt('12'))),
    ])
    await eventually(() => told).toEqual(['present 7', 'present 11', 'present 12'])
    expect(asked()).toEqual(['list', 'watch 10', 'watch 11'])
  })

  it('continues from a bookmark', async () => {
    const bookmark = {
      kind: 'VirtualService',
      apiVersion: 'networking.istio.io/v1',
      metadata: { resourceVersion: '99' },
    }
    const { told, asked } = await stage([list('10', objectAt('7')), ended(eventLine('BOOKMARK', bookmark))])
    await eventually(asked).toEqual(['list', 'watch 10', 'watch 99'])
    expect(told).toEqual(['present 7'])
  })

  it('is retried with growing pauses while it reports nothing', async () => {
    const { clock, asked } = await stage([
      ...[list('10'), ended(), ended()],
      ...Array.from({ length: 7 }, () => [list('10'), ended()]).flat(),
    ])
    await eventually(() => asked().length).toBe(18)
    expect(clock.pauses.slice(0, 9)).toEqual([100, 200, 400, 800, 1_600, 3_200, 6_400, 12_800, 15_000])
  })

  it('immediately is retried with growing pauses and read again, whatever it reported', async () => {
    const { clock, asked } = await stage([
      ...[list('10'), ended(), ended()],
      ...[list('10'), ended(eventLine('ADDED', objectAt('11')))],
      ended(),
    ])
    await eventually(() => asked().length).toBe(7)
    expect(clock.pauses.slice(0, 4)).toEqual([100, 200, 400, 800])
    expect(asked().slice(3, 6)).toEqual(['list', 'watch 10', 'list'])
  })

  it('is retried soon if it stayed open for a while, even if it reported nothing', async () => {
    let elapsedMs = 0
    const hurried = hurriedClock()
    const clock = { ...hurried, elapsed: () => elapsedMs }
    const endAfter =
      (ms: number): Answer =>
      (response) => {
        elapsedMs += ms
        response.writeHead(200).end()
      }
    const answers = [list('10'), ended(), endAfter(4_999), list('10'), endAfter(5_000), ended()]
    const { asked } = await stage(answers, { clock })
    await eventually(() => asked().length).toBe(7)
    expect(asked().slice(3)).toEqual(['list', 'watch 10', 'watch 10', 'list'])
    expect(hurried.pauses.slice(0, 4)).toEqual([100, 200, 100, 200])
  })

  it.each([
    ['an empty answer', ended()],
    ['a page', ended('<html>a proxy</html>')],
  ])(
    'at once and without a word, twice, reads anew, since it may be blind, and tells what has changed: %s',
    async (_, blind) => {
      const { told, asked } = await stage([
        list('10', objectAt('7')),
        blind,
        blind,
        list('11', objectAt('7')),
        blind,
        list('12', objectAt('12')),
        blind,
        list('13'),
        blind,
        list('14'),
        open(),
      ])
      await eventually(() => asked().at(-1)).toBe('watch 14')
      expect(told).toEqual(['present 7', 'present 12', 'gone'])
      expect(asked().slice(0, 5)).toEqual(['list', 'watch 10', 'watch 10', 'list', 'watch 11'])
    },
  )

  it.each([
    ['as an event', open(eventLine('ERROR', { kind: 'Status', code: 410, reason: 'Expired' }))],
    ['as a status', refuse(410, { kind: 'Status', code: 410 })],
  ])('reads again when the history has expired, reported %s', async (_, expired) => {
    const { told, asked } = await stage([list('10', objectAt('7')), expired, list('50', objectAt('42'))])
    await eventually(asked).toEqual(['list', 'watch 10', 'list', 'watch 50'])
    expect(told).toEqual(['present 7', 'present 42'])
  })

  it('is cut and continued if it is silent for longer than its requested time', async () => {
    const clock = manualClock()
    const { server, asked, told } = await stage(
      [list('10', objectAt('7')), open(eventLine('MODIFIED', objectAt('11')))],
      {
        clock,
      },
    )
    await eventually(() => told).toEqual(['present 7', 'present 11'])
    await clock.advance(74_999)
    expect(asked()).toEqual(['list', 'watch 10'])
    await clock.advance(1)
    await eventually(() => server.sockets.filter((socket) => socket.destroyed).length).toBe(1)
    await clock.advance(200)
    await eventually(asked).toEqual(['list', 'watch 10', 'watch 11'])
    expect(told).toEqual(['present 7', 'present 11'])
  })

  it('counts as hanging also if it never reports anything', async () => {
    const clock = manualClock()
    const delays: number[] = []
    const schedule: Clock['schedule'] = (delayMs, task) => {
      delays.push(delayMs)
      return clock.schedule(delayMs, task)
    }
    const { asked } = await stage([list('10'), open()], { clock: { ...clock, schedule } })
    await eventually(() => delays).toEqual([60_000, 60_000, 75_000]) // two answers, then the silence
    await clock.advance(75_000)
    await clock.advance(200)
    await eventually(asked).toEqual(['list', 'watch 10', 'watch 10'])
  })

  it('does not count as hanging while it sends anything, even empty lines', async () => {
    const clock = manualClock()
    let say: ((line: string) => void) | undefined
    const talkative: Answer = (response) => {
      response.writeHead(200).flushHeaders()
      say = (line) => response.write(line)
    }
    const { asked, told, server } = await stage([list('10'), talkative], { clock })
    await eventually(() => say).toBeDefined()
    for (const version of ['11', '12', '13']) {
      await clock.advance(60_000)
      say?.(`\n${eventLine('MODIFIED', objectAt(version))}`)
      await eventually(() => told.at(-1)).toBe(`present ${version}`)
    }
    expect(asked()).toEqual(['list', 'watch 10'])
    expect(server.sockets.some((socket) => socket.destroyed)).toBe(false)
  })
})

describe('a watch that fails', () => {
  it.each([
    ['403', refuse(403), 'KUBE_FORBIDDEN'],
    ['500', refuse(500), 'KUBE_FAILED'],
    ['no list', refuse(200, { hello: 'world' }), 'KUBE_FAILED'],
    ['a cut', ((response) => response.destroy()) as Answer, 'KUBE_UNREACHABLE'],
  ])('reports %s of the first read, and tries again', async (_, answer, code) => {
    const { told, asked } = await stage([answer, answer, list('10', objectAt('7'))])
    await eventually(() => told).toEqual([`failed ${code}`, `failed ${code}`, 'present 7'])
    await eventually(asked).toEqual(['list', 'list', 'list', 'watch 10'])
  })

  it.each([
    ['a refusal', refuse(403), 'KUBE_FORBIDDEN'],
    ['an error event', open(eventLine('ERROR', { kind: 'Status', code: 500, message: 'etcd' })), 'KUBE_FAILED'],
    ['a line that is no JSON', open('hello\n'), 'KUBE_FAILED'],
    ['an object without a version', open(eventLine('MODIFIED', { metadata: { name: 'sentiment' } })), 'KUBE_FAILED'],
    ['an unknown event', open(eventLine('RENAMED', objectAt('11'))), 'KUBE_FAILED'],
  ])('reports %s, reads again, and reports the state that it finds', async (_, answer, code) => {
    const { told, asked } = await stage([list('10', objectAt('7')), answer, list('20', objectAt('15'))])
    await eventually(() => told).toEqual(['present 7', `failed ${code}`, 'present 15'])
    await eventually(asked).toEqual(['list', 'watch 10', 'list', 'watch 20'])
  })

  it('reports a server that does not answer in time', async () => {
    const clock = manualClock()
    const { server, told } = await stage([() => {}], { clock, timeoutMs: 10_000 })
    await eventually(() => server.requests.length).toBe(1)
    await clock.advance(10_000)
    await eventually(() => told).toEqual(['failed KUBE_UNREACHABLE'])
  })

  it('fetches the credentials again, once, before it reports that they were rejected', async () => {
    const { told, asked } = await stage([refuse(401), list('10', objectAt('7')), refuse(401), open()])
    await eventually(asked).toEqual(['list', 'list', 'watch 10', 'watch 10'])
    expect(told).toEqual(['present 7'])
  })

  it('reports an invalid address, and does not throw', async () => {
    const { kube } = await stage([])
    const told: string[] = []
    onTestFinished(kube.watch({ ...ADDRESS, name: '../x' }, (event) => told.push(inWords(event))))
    await eventually(() => told[0]).toBe('failed INVALID_OPTION')
  })

  it('continues if its listener throws', async () => {
    const { kube, server } = await stage([
      list('1'),
      open(),
      list('10', objectAt('7')),
      open(eventLine('MODIFIED', objectAt('11'))),
    ])
    await eventually(() => server.requests.length).toBe(2)
    const told: string[] = []
    const listen = (event: KubeEvent) => {
      told.push(inWords(event))
      throw new Error('the listener is broken')
    }
    onTestFinished(kube.watch(ADDRESS, listen))
    await eventually(() => told).toEqual(['present 7', 'present 11'])
  })
})
