/** One run: several namespaces in one cluster, all of which go through the same weather. */

import { judge } from './judge.ts'
import type { Life } from './life.ts'
import { Observer } from './observer.ts'
import { Scenario } from './scenario.ts'
import { Survey } from './survey.ts'
import { drawWeather } from './weather.ts'
import { World } from './world.ts'

const STEPS = 10
const STEP_MAX_MS = 15_000
/** For a new leader to be elected and at work. */
const SETTLING_MS = 60_000
const DISTURBANCES_MAX = 3
const TURNS_MAX = 60
const ROUND_MS = 20_000
/** Back-offs grow to minutes while things fail, and are over within this. */
const ROUNDS_MAX = 60
/** Rounds for which all has to stay as asked: on the way there it may look so for a moment. */
const QUIET_ROUNDS = 3

/** What is wrong in the end; nothing when all is well. */
export async function runChaos(seeds: readonly number[]): Promise<string[]> {
  await using world = await World.begin(seeds[0] ?? 0)
  await using observer = new Observer(world)
  const scenarios = seeds.map((seed) => new Scenario(seed, world.client))
  for (const scenario of scenarios) await scenario.begin()
  for (let step = 0; step < STEPS; step++) {
    await world.live(world.random.below(STEP_MAX_MS))
    for (const scenario of scenarios) await scenario.step()
    for (let count = 1 + world.random.below(DISTURBANCES_MAX); count > 0; count--) {
      // Whatever is under way just now ends in the middle.
      await world.turns(world.random.below(TURNS_MAX))
      disturb(world)
    }
  }
  if (world.random.below(2) === 0) world.heal()
  else await blind(world, scenarios)
  for (const scenario of scenarios) await scenario.end()
  const problems = await settled(world, scenarios)
  problems.push(...observer.problems, ...world.journal.errors)
  return problems
}

/** All caches are behind, miss how it went on, and belong to services that live to the end. */
async function blind(world: World, scenarios: readonly Scenario[]): Promise<void> {
  world.heal()
  await world.live(SETTLING_MS)
  for (const { front } of world.lives) front.stall(true)
  for (const scenario of scenarios) await scenario.step()
  await world.live(world.random.below(STEP_MAX_MS))
  forget(world)
}

async function settled(world: World, scenarios: readonly Scenario[]): Promise<string[]> {
  let problems: string[] = []
  for (let round = 0, quiet = 0; round < ROUNDS_MAX && quiet < QUIET_ROUNDS; round++) {
    await world.live(ROUND_MS)
    const survey = new Survey(world.server)
    problems = scenarios.flatMap((scenario) => judge(scenario, survey))
    quiet = problems.length === 0 ? quiet + 1 : 0
  }
  return problems
}

/** One more thing goes wrong, or is well again. */
function disturb(world: World): void {
  const { random, lives } = world
  const life = lives[random.below(lives.length)]
  if (life) disturbances[random.below(disturbances.length)]!(world, life)
}

type Disturbance = (world: World, life: Life) => void

const kill: Disturbance = (_, life) => life.kill()
const cut: Disturbance = (_, { front }) => front.cut()
const stall: Disturbance = (_, { front }) => front.stall(true)
const refuse: Disturbance = (_, { front }) => front.refuse(true)
const turnWeather: Disturbance = ({ random }, { front }) => {
  front.weather = drawWeather(random)
}
const heal: Disturbance = (world) => world.heal()

/** Nobody reaches the server. */
const leave: Disturbance = ({ lives }) => {
  for (const { front } of lives) {
    front.refuse(true)
    front.cut()
  }
}

/** Whoever comes back to a watch, perhaps from afar, finds that its history is gone. */
function forget({ server, lives }: World): void {
  server.parts.store.compact(server.parts.store.revision)
  for (const { front } of lives) {
    front.cut()
    front.stall(false)
  }
}

const returnTooLate: Disturbance = (world) => {
  forget(world)
  world.heal()
}

/** Some of them more often than others, as they are drawn with equal chances. */
const disturbances = [
  ...[kill, kill, cut, refuse, leave, heal, returnTooLate],
  ...[stall, stall, stall, forget, forget, turnWeather, turnWeather],
]
