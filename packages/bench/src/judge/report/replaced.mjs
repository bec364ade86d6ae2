/**
 * Returns a page with the text between two comments replaced: `<!-- name -->` and `<!-- /name -->`.
 *
 * @param {string} page
 * @param {string} content
 * @param {string} name
 */
export function replaced(page, content, name) {
  const [first, last] = [`<!-- ${name} -->`, `<!-- /${name} -->`]
  const begin = page.indexOf(first)
  const end = page.indexOf(last)
  if (begin < 0 || end < begin) throw new Error(`the page needs a line ${first} and, below it, a line ${last}`)
  return `${page.slice(0, begin + first.length)}\n\n${content}\n\n${page.slice(end)}`
}
