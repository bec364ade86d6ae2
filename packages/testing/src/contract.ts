import { CanaryError } from '@model-canary/core'

/** How a test runner registers one test: `it` or `test` of vitest, jest and node:test. */
export interface RegisterTest {
  (name: string, body: () => Promise<void>): unknown
  /** Registers a test that is shown and not run. */
  readonly skip: (name: string, body: () => Promise<void>) => unknown
}

/** The test runner, or as much of it as a contract needs. */
export type ContractRunner = { readonly it: RegisterTest } | { readonly test: RegisterTest }

/** A rule that does not hold for what is tested, and why that is right. */
export interface SkippedRule<Rule extends string = string> {
  readonly test: Rule
  readonly reason: string
}

/** What each rule of a contract checks, by the sentence that states it. */
export type ContractRules<Rule extends string> = Readonly<Record<Rule, () => void | Promise<void>>>

/**
 * Registers one test for each rule. A skipped rule is still shown, with its reason;
 * a skip that names no rule is refused, so that a renamed rule cannot be skipped by accident.
 */
export function registerContract<Rule extends string>(
  runner: ContractRunner,
  title: string,
  rules: ContractRules<Rule>,
  skip: readonly SkippedRule<Rule>[] = [],
): void {
  const register = 'it' in runner ? runner.it : runner.test
  const reasons = new Map<string, string>(skip.map(({ test, reason }) => [test, reason]))
  for (const [rule, reason] of reasons) refuseIdleSkip(title, Object.keys(rules), rule, reason)

  for (const [rule, check] of Object.entries<() => void | Promise<void>>(rules)) {
    const reason = reasons.get(rule)
    const body = async () => check()
    if (reason === undefined) register(`${title}: ${rule}`, body)
    else register.skip(`${title}: ${rule} (skipped: ${reason})`, body)
  }
}

function refuseIdleSkip(title: string, rules: readonly string[], rule: string, reason: string): void {
  if (!rules.includes(rule)) {
    throw new CanaryError(
      'INVALID_OPTION',
      `${title} has no rule "${rule}" to skip; its rules are: ${rules.join('; ')}`,
    )
  }
  if (!reason) throw new CanaryError('INVALID_OPTION', `${title} skips "${rule}"; say why in "reason"`)
}
