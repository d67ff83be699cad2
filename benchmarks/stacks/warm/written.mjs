// Each middleware is a function of its own with its own key in it, as if somebody had written it: what has its key from a
// variable is slower, and nobody writes so.
export const written = code => new Function(`return ${code}`)()
