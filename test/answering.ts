/** Answers of something under test, one word after another; the last one goes on. */
export function* startsAnswering(words: string): Generator<string, never> {
  const all = words.split(' ')
  for (;;) yield all.length > 1 ? all.shift()! : all[0]!
}
