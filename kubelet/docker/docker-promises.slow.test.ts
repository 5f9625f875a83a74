/** The Docker Engine as a runtime, held to what every runtime promises. */
import { DockerSubject } from '#test/engine/docker-subject.ts'
import { runtimePromises } from '#test/runtime-suite.ts'

runtimePromises('the Docker runtime', () => DockerSubject.start())
