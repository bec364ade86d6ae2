import { CanaryError } from '@model-canary/core'
import { show } from '@model-canary/foundation'

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`
const WORD = '[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?'

/** The form that a name must have, and its description for messages. */
interface Form {
  readonly pattern: RegExp
  readonly longest: number
  readonly words: string
}

const formOf = (pattern: string, longest: number, words: string): Form => ({
  pattern: new RegExp(`^(${pattern})$`),
  longest,
  words,
})

const OBJECT = formOf(SUBDOMAIN, 253, 'lower-case letters, digits, "-" and ".", such as sentiment-canary')
const SEGMENT = formOf(LABEL, 63, 'lower-case letters, digits and "-", such as models')
const SERVICE = formOf(
  '[a-z]([-a-z0-9]*[a-z0-9])?',
  63,
  'lower-case letters, digits and "-", a letter first, such as sentiment-v1',
)
const HOST = formOf(`\\*|(\\*\\.)?${SUBDOMAIN}`, 253, 'a lower-case DNS name, such as models.example.com')
const GATEWAY = formOf(
  `(${LABEL}/)?${SUBDOMAIN}`,
  317,
  'a name, or a namespace and a name, such as istio-ingress/public',
)
const LABEL_NAME = formOf(`(${SUBDOMAIN}/)?${WORD}`, 317, 'letters, digits, "-", "_" and ".", such as version')
const LABEL_VALUE = formOf(WORD, 63, 'letters, digits, "-", "_" and ".", a letter or digit first and last, such as v2')

const check =
  ({ pattern, longest, words }: Form) =>
  (option: string, value: unknown): string => {
    if (typeof value === 'string' && value.length <= longest && pattern.test(value)) return value
    const detail = `must be at most ${longest} characters that Kubernetes accepts: ${words}`
    throw new CanaryError('INVALID_OPTION', `${option} ${detail}; got ${show(value)}`)
  }

/** Checks the name of an object. @throws `INVALID_OPTION` */
export const objectName = check(OBJECT)

/** Checks the name of a namespace or a subset. @throws `INVALID_OPTION` */
export const segmentName = check(SEGMENT)

/** Checks the name of a service. @throws `INVALID_OPTION` */
export const serviceName = check(SERVICE)

/** Checks a host that callers use, or the full name of a service. @throws `INVALID_OPTION` */
export const hostName = check(HOST)

/** Checks a gateway as a VirtualService names it. @throws `INVALID_OPTION` */
export const gatewayName = check(GATEWAY)

const labelName = check(LABEL_NAME)
const labelValue = check(LABEL_VALUE)

/** Checks a value unless it is `undefined`. @throws `INVALID_OPTION` */
export const optional = (
  checked: (option: string, value: unknown) => string,
  option: string,
  value: unknown,
): string | undefined => (value === undefined ? undefined : checked(option, value))

/** Checks the labels of a version's pods. @throws `INVALID_OPTION` */
export function labelsOf(option: string, labels: unknown): Readonly<Record<string, string>> {
  if (typeof labels !== 'object' || labels === null || Object.keys(labels).length === 0) {
    throw new CanaryError('INVALID_OPTION', `${option} must be labels of pods, such as { version: 'v2' }`)
  }
  const entries = Object.entries(labels).map(
    ([name, value]) => [labelName(`a label of ${option}`, name), labelValue(`${option}.${name}`, value)] as const,
  )
  return Object.fromEntries(entries)
}
