/** Condition: one aspect of an object's state, as a status reports it. */
import { validateCondition } from '../../conditions.ts'
import { int64, omitEmpty, required, type Stored, string, struct, time } from '../../schema.ts'
import { truth } from './condition-fields.ts'

export const condition = struct(
  'meta.v1.Condition',
  'One aspect of the state of an object.',
  {
    type: required(1, string, 'Which aspect this is, unique among the conditions of an object.'),
    status: required(2, truth, 'Whether it holds: True, False or Unknown.'),
    observedGeneration: omitEmpty(3, int64, 'Generation of the object that was looked at.'),
    lastTransitionTime: required(4, time, 'When the status last changed from one word to another.'),
    reason: required(5, string, 'Why the status is what it is, as one CamelCase word.'),
    message: required(6, string, 'Why the status is what it is, for people. May be empty.'),
  },
  { validateWhole: validateCondition },
)
export interface Condition extends Stored<typeof condition> {}
