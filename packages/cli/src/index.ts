/** The library's first names in one place. */
export { readSnapshot } from '@coldtrace/bundle';
export { trace } from '@coldtrace/core';
export { parseSnapshot } from '@coldtrace/parsers';
export { analyze } from '@coldtrace/rules';
