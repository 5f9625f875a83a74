/** Rules about tolerations of taints. */
import { isDecimalInteger, isLabelKey, isLabelValue } from '../names.ts'
import type { Toleration } from '../parts/core/pod-scheduling.ts'
import type { Path, Problems } from '../problems.ts'

const operators = ['Equal', 'Exists', 'Gt', 'Lt']
const effects: readonly string[] = ['NoExecute', 'NoSchedule', 'PreferNoSchedule']

export function validateTolerations(
  tolerations: readonly Toleration[] | undefined,
  at: Path,
  problems: Problems,
): void {
  for (const [position, toleration] of (tolerations ?? []).entries()) {
    validateToleration(toleration, at.index(position), problems)
  }
}

export function validateToleration(toleration: Toleration, at: Path, problems: Problems): void {
  const { key, operator, effect, tolerationSeconds } = toleration
  if (key) for (const message of isLabelKey(key)) problems.invalid(at.child('key'), key, message)
  else if (operator !== 'Exists') {
    const meaning = 'which means "match all values and all keys"'
    const detail = `operator must be Exists when \`key\` is empty, ${meaning}`
    problems.invalid(at.child('operator'), operator ?? '', detail)
  }
  if (tolerationSeconds !== undefined && effect !== 'NoExecute') {
    const detail = "effect must be 'NoExecute' when `tolerationSeconds` is set"
    problems.invalid(at.child('effect'), effect ?? '', detail)
  }
  checkValue(toleration, at, problems)
  if (effect && !effects.includes(effect)) {
    problems.notSupported(at.child('effect'), effect, effects)
  }
}

function checkValue({ operator, value = '' }: Toleration, at: Path, problems: Problems): void {
  switch (operator) {
    case undefined:
    case 'Equal': {
      const messages = isLabelValue(value)
      if (messages.length) problems.invalid(at.child('operator'), value, messages.join(';'))
      break
    }
    case 'Exists':
      if (value) {
        const detail = "value must be empty when `operator` is 'Exists'"
        problems.invalid(at.child('operator'), value, detail)
      }
      break
    case 'Gt':
    case 'Lt': {
      const messages = isDecimalInteger(value)
      if (messages.length) problems.invalid(at.child('value'), value, messages.join(', '))
      break
    }
    default:
      problems.notSupported(at.child('operator'), operator, operators)
  }
}
