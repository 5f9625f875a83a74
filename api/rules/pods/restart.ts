/** Rules about when a container restarts other than the pod says. */
import type { Container, ContainerRestartRule } from '../../parts/core/container.ts'
import type { Path, Problems } from '../../problems.ts'

const RULES_MAX = 20
const EXIT_CODES_MAX = 255

const policies = ['Always', 'Never', 'OnFailure']
const actions = ['Restart', 'RestartAllContainers']
const operators = ['In', 'NotIn']

export function validateRestart(container: Container, at: Path, problems: Problems): void {
  const { restartPolicy, restartPolicyRules } = container
  const place = at.child('restartPolicy')
  if (restartPolicy !== undefined && !policies.includes(restartPolicy)) {
    problems.notSupported(place, restartPolicy, policies)
  }
  if (!restartPolicyRules) return
  if (restartPolicy === undefined) {
    problems.required(place, 'must specify restartPolicy when restart rules are used')
  }
  const rulesAt = at.child('restartPolicyRules')
  if (restartPolicyRules.length > RULES_MAX) {
    problems.tooMany(rulesAt, restartPolicyRules.length, RULES_MAX)
  }
  for (const [position, rule] of restartPolicyRules.entries()) {
    checkRule(rule, rulesAt.index(position), problems)
  }
}

function checkRule(rule: ContainerRestartRule, at: Path, problems: Problems): void {
  const { action, exitCodes } = rule
  if (!action || !actions.includes(action)) {
    problems.notSupported(at.child('action'), action ?? '', actions)
  }
  const place = at.child('exitCodes')
  if (!exitCodes) {
    problems.required(place, 'must be specified')
    return
  }
  const { operator, values = [] } = exitCodes
  if (!operator || !operators.includes(operator)) {
    problems.notSupported(place.child('operator'), operator ?? '', operators)
  }
  if (values.length > EXIT_CODES_MAX) {
    problems.tooMany(place.child('values'), values.length, EXIT_CODES_MAX)
  }
}
