/** Which taints of a node a pod puts up with. */
import type { Taint } from '../kinds/core/node.ts'
import type { Toleration } from '../parts/core/pod-scheduling.ts'

/** Taints with these effects keep new pods off. */
const keepingOff: readonly string[] = ['NoSchedule', 'NoExecute']

const keepsOff = ({ effect }: Taint): boolean => keepingOff.includes(effect)

export function toleratesTaint(toleration: Toleration, taint: Taint): boolean {
  const { key = '', operator = 'Equal', value = '', effect = '' } = toleration
  if (effect !== '' && effect !== taint.effect) return false
  if (key !== '' && key !== taint.key) return false
  const present = taint.value ?? ''
  switch (operator) {
    case 'Exists':
      return true
    case 'Equal':
      return present === value
    case 'Gt':
      return compares(present, value, (a, b) => a > b)
    case 'Lt':
      return compares(present, value, (a, b) => a < b)
    default:
      return false
  }
}

/** The first of the taints that keep new pods off and that none of the tolerations covers. */
export function untoleratedTaint(
  taints: readonly Taint[] | undefined,
  tolerations: readonly Toleration[] | undefined,
  concerns: (taint: Taint) => boolean = keepsOff,
): Taint | undefined {
  return taints?.find(
    (taint) => concerns(taint) && !tolerations?.some((each) => toleratesTaint(each, taint)),
  )
}

/** Integers alone have an order; anything else is not tolerated. */
function compares(
  present: string,
  wanted: string,
  holds: (a: bigint, b: bigint) => boolean,
): boolean {
  const isInteger = /^-?[0-9]{1,19}$/
  if (!isInteger.test(present) || !isInteger.test(wanted)) return false
  return holds(BigInt(present), BigInt(wanted))
}
