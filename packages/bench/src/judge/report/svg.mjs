/**
 * Colours that differ for everybody (Okabe and Ito), a little lighter on dark ground, and the order they are used in.
 */
const SERIES = [
  { light: '#0072b2', dark: '#56b4e9' },
  { light: '#d55e00', dark: '#ff8f4d' },
  { light: '#009e73', dark: '#2fd0a2' },
  { light: '#cc79a7', dark: '#e8a0c8' },
  { light: '#9a7000', dark: '#e6b422' },
  { light: '#6b4fbb', dark: '#b39ddb' },
  { light: '#5c6670', dark: '#a3adb8' },
]

/** Marks that differ without colour as well: from a disc to a cross. */
const MARKS = [
  'M-5 0a5 5 0 1 0 10 0a5 5 0 1 0 -10 0',
  'M-4 -4h8v8h-8z',
  'M0 -5l5 9h-10z',
  'M0 5l5 -9h-10z',
  'M0 -5.5l5.5 5.5l-5.5 5.5l-5.5 -5.5z',
  'M-1.5 -5h3v3.5h3.5v3h-3.5v3.5h-3v-3.5h-3.5v-3h3.5z',
  'M-4.5 -2.5l2 -2l2.5 2.5l2.5 -2.5l2 2l-2.5 2.5l2.5 2.5l-2 2l-2.5 -2.5l-2.5 2.5l-2 -2l2.5 -2.5z',
]

const STYLE = [
  'text{font:12px system-ui,sans-serif;fill:#1f2328}.title{font-size:15px;font-weight:600}.soft{fill:#59636e}',
  '.axis{stroke:#59636e}.grid{stroke:#d1d9e0}.band{fill:#818b98;fill-opacity:.12}.line{fill:none;stroke-width:2}.dash{stroke-dasharray:5 4}',
  ...SERIES.map(({ light }, at) => `.s${at}{stroke:${light}}.m${at}{fill:${light}}`),
  '@media (prefers-color-scheme:dark){text{fill:#f0f6fc}.soft{fill:#9198a1}.axis{stroke:#9198a1}.grid{stroke:#3d444d}',
  ...SERIES.map(({ dark }, at) => `.s${at}{stroke:${dark}}.m${at}{fill:${dark}}`),
  '}',
].join('')

const escaped = (text) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`)
const fixed = (value) => String(Math.round(value * 10) / 10)

/**
 * A drawing without a background, readable on light and dark ground.
 *
 * @param {{ width: number, height: number, title: string, description: string }} frame
 * @param {readonly string[]} parts
 */
export function drawing({ width, height, title, description }, parts) {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escaped(title)}</title><desc>${escaped(description)}</desc><style>${STYLE}</style>`,
    text(16, 24, title, { className: 'title' }),
    ...parts,
    '</svg>\n',
  ].join('\n')
}

/**
 * Words at a place.
 *
 * @param {number} x
 * @param {number} y
 * @param {string} content
 * @param {{ className?: string, anchor?: 'start' | 'middle' | 'end' }} [options]
 */
export function text(x, y, content, { className = '', anchor = 'start' } = {}) {
  const as = className === '' ? '' : ` class="${className}"`
  return `<text x="${fixed(x)}" y="${fixed(y)}" text-anchor="${anchor}"${as}>${escaped(content)}</text>`
}

/** A straight line of class `axis` or `grid`. */
export function rule(x1, y1, x2, y2, className = 'grid') {
  return `<line x1="${fixed(x1)}" y1="${fixed(y1)}" x2="${fixed(x2)}" y2="${fixed(y2)}" class="${className}"/>`
}

/** A region that is set off. */
export function band(x, y, width, height) {
  return `<rect x="${fixed(x)}" y="${fixed(y)}" width="${fixed(width)}" height="${fixed(height)}" class="band"/>`
}

/** A line through points, of the colour of its series. */
export function curve(points, series) {
  const at = points.map(({ x, y }) => `${fixed(x)},${fixed(y)}`).join(' ')
  return `<polyline points="${at}" class="line s${series % SERIES.length}"/>`
}

/** The mark of a series at a point. */
export function mark(x, y, series) {
  const at = series % SERIES.length
  return `<path d="${MARKS[at]}" transform="translate(${fixed(x)} ${fixed(y)})" class="m${at}"/>`
}

/**
 * The names of the series, one below the other.
 *
 * @param {number} x
 * @param {number} y
 * @param {readonly { series: number, title: string }[]} entries
 */
export function legend(x, y, entries) {
  return entries.flatMap(({ series, title }, at) => [
    mark(x, y + 20 * at - 4, series),
    text(x + 12, y + 20 * at, title),
  ])
}

/**
 * From values to places, linear.
 *
 * @param {readonly [number, number]} domain
 * @param {readonly [number, number]} range
 */
export function linear([from, to], [start, end]) {
  return (value) => start + ((value - from) / (to - from)) * (end - start)
}

/**
 * From values to places, by their logarithms.
 *
 * @param {readonly [number, number]} domain
 * @param {readonly [number, number]} range
 */
export function logarithmic([from, to], range) {
  const place = linear([Math.log(from), Math.log(to)], range)
  return (value) => place(Math.log(value))
}
