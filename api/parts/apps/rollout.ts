/** What kinds that replace their pods when the template changes have in common. */
import { int32, int64, listOf, omitEmpty, optional, type Schema } from '../../schema.ts'

/** Old templates are kept in revisions, or in ReplicaSets. */
export const revisionHistoryLimitAt = (tag: number, keptIn = 'revisions') =>
  optional(tag, int32, `How many old ${keptIn} to keep for a rollback. Defaults to 10.`, {
    default: 10,
  })

export const collisionCountAt = (tag: number, whose = 'revision') =>
  optional(tag, int32, `Counts clashes of ${whose} names, so that the next name is another one.`)

export const observedGenerationAt = (tag: number) =>
  omitEmpty(tag, int64, 'Generation that the controller has seen.')

export const conditionsAt = <S, I>(tag: number, condition: Schema<S, I>) =>
  omitEmpty(
    tag,
    listOf(condition, { keys: ['type'], mergeKey: 'type', patch: 'merge' }),
    'Aspects of the state, one of each type.',
  )

/** A rolling update has limits, be they given or not. */
export function defaultLimits(strategy: { type: string; rollingUpdate?: object }): void {
  if (strategy.type === 'RollingUpdate') strategy.rollingUpdate ??= {}
}
