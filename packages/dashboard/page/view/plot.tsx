import { useEffect, useRef } from 'preact/hooks'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import type { Series } from '../model/points.js'
import { numberOf } from '../model/words.js'

const HEIGHT = 150

/** The shortest time that the axis has, in seconds: at first there is a single point. */
const SHORTEST_S = 120

/** One chart: a line for each version, and a vertical line at each change of the weight (seconds since 1970). */
export function Plot({
  series,
  changes,
  label,
}: {
  readonly series: Series
  readonly changes: readonly number[]
  readonly label: string
}) {
  const place = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | null>(null)
  const marks = useRef(changes)
  marks.current = changes

  useEffect(() => {
    const element = place.current
    if (element === null) return
    const scheme = matchMedia('(prefers-color-scheme: dark)')
    const draw = (): void => {
      plot.current?.destroy()
      plot.current = new uPlot(
        optionsOf(element, () => marks.current),
        series.data,
        element,
      )
    }
    draw()
    const watch = new ResizeObserver(() => plot.current?.setSize({ width: widthOf(element), height: HEIGHT }))
    watch.observe(element)
    scheme.addEventListener('change', draw)
    return () => {
      watch.disconnect()
      scheme.removeEventListener('change', draw)
      plot.current?.destroy()
      plot.current = null
    }
  }, [series.id])
  useEffect(() => plot.current?.setData(series.data), [series])

  return <div ref={place} class="plot" role="img" aria-label={label} />
}

/** Returns the time of a mark, in the reader's zone: as a date where the marks are days apart. */
function tickOf(time: number, step: number): string {
  const isDays = step >= 86_400
  return new Date(time * 1_000).toLocaleString(undefined, {
    ...(isDays ? { month: 'short', day: 'numeric' } : { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }),
    ...(step < 60 && { second: '2-digit' }),
  })
}

const widthOf = (element: HTMLElement): number => Math.max(160, element.clientWidth)

function optionsOf(element: HTMLElement, changes: () => readonly number[]): uPlot.Options {
  const style = getComputedStyle(element)
  const colour = (name: string): string => style.getPropertyValue(name).trim()
  const line = (name: string): uPlot.Series => ({
    stroke: colour(name),
    width: 2,
    points: { size: 5 },
    value: (_, value) => (value === null ? '–' : numberOf(value)),
  })
  const axis = {
    stroke: colour('--quiet'),
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { stroke: colour('--line') },
  }
  return {
    width: widthOf(element),
    height: HEIGHT,
    legend: { show: false },
    cursor: { drag: { x: false, y: false } },
    scales: {
      x: { range: (_, from, to) => (to - from < SHORTEST_S ? [to - SHORTEST_S, to] : [from, to]) },
      y: { range: (_, low, high) => [0, high > 0 ? high * 1.15 : Math.max(1, low)] },
    },
    series: [{}, line('--baseline'), line('--canary')],
    axes: [
      { ...axis, values: (_, splits, _axis, _space, step) => splits.map((time) => tickOf(time, step)) },
      { ...axis, size: 56, values: (_, splits) => splits.map(numberOf) },
    ],
    hooks: {
      drawAxes: [
        (plot) => {
          const { ctx, bbox } = plot
          ctx.save()
          ctx.strokeStyle = colour('--quiet')
          ctx.setLineDash([4, 4])
          for (const change of changes()) {
            const x = plot.valToPos(change, 'x', true)
            if (x < bbox.left || x > bbox.left + bbox.width) continue
            ctx.beginPath()
            ctx.moveTo(x, bbox.top)
            ctx.lineTo(x, bbox.top + bbox.height)
            ctx.stroke()
          }
          ctx.restore()
        },
      ],
    },
  }
}
