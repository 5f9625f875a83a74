/** The fields of conditions that are older than `Condition` and have types of their own. */
import { always, omitEmpty, string, time, wordOf } from '../../schema.ts'

export const truth = wordOf('True', 'False', 'Unknown')

export const conditionStatus = always(2, truth, 'Whether it holds: True, False or Unknown.')

/** Since when and why. The tags follow one another; kinds differ in where they begin. */
export const changeFields = (firstTag: number) => ({
  lastTransitionTime: omitEmpty(firstTag, time, 'When the status last changed.'),
  reason: omitEmpty(firstTag + 1, string, 'Why the status is what it is, as one CamelCase word.'),
  message: omitEmpty(firstTag + 2, string, 'Why the status is what it is, for people.'),
})

/** All but the type, where there is nothing special to say. */
export const conditionFields = { status: conditionStatus, ...changeFields(3) }
