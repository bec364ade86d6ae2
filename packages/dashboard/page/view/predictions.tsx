import type { ClassShares } from '../model/predictions.js'
import type { ShownStatus } from '../model/records.js'

/** What both versions predict, class by class. */
export function Predictions({
  shares,
  versions,
}: {
  readonly shares: readonly ClassShares[]
  readonly versions: ShownStatus['versions']
}) {
  const most = Math.max(...shares.flatMap(({ baseline, canary }) => [baseline, canary]))
  const width = (share: number) => ({ width: `${most === 0 ? 0 : (100 * share) / most}%` })
  return (
    <section aria-labelledby="predictions">
      <h2 id="predictions">Predictions</h2>
      <table class="predictions">
        <thead>
          <tr>
            <th scope="col">Class</th>
            <th scope="col">
              <bdi>{versions.baseline}</bdi>
            </th>
            <th scope="col">
              <bdi>{versions.canary}</bdi>
            </th>
            <th scope="col" class="shares">
              <span class="hidden">Both as bars</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {shares.map(({ label, baseline, canary }) => (
            <tr key={label}>
              <th scope="row">
                <bdi>{label}</bdi>
              </th>
              <td>{percent(baseline)}</td>
              <td>{percent(canary)}</td>
              <td class="shares" aria-hidden="true">
                <span class="baseline" style={width(baseline)} />
                <span class="canary" style={width(canary)} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`
