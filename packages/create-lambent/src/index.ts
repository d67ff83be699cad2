// create-lambent: what a project is made of, for tools that make some.
export { type Choice, project } from './project.ts'
export { PARTS, type Part, SOURCES, type Source, type SourceName } from './sources.ts'
