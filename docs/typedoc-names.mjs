// Modules of the reference are called as one imports them (`@lambent/core/correlation`, not `core/src/correlation`), what a
// function throws has its class, and options that are taken apart in its head have a name.
import { ReflectionKind } from 'typedoc'

export function load({ converter }) {
  converter.on('createDeclaration', (_context, reflection) => {
    if (reflection.kindOf(ReflectionKind.Module)) reflection.name = `@lambent/${reflection.name.replace('/src', '')}`
  })
  converter.on('resolveBegin', ({ project }) => {
    for (const reflection of Object.values(project.reflections)) {
      if (reflection.name === '__namedParameters') reflection.name = 'options'
      for (const { tag, typeAnnotation, content } of reflection.comment?.blockTags ?? [])
        if (tag === '@throws' && typeAnnotation)
          content.unshift(
            { kind: 'code', text: `\`${typeAnnotation.replace(/[{}]/g, '')}\`` },
            { kind: 'text', text: ' ' },
          )
    }
  })
}
