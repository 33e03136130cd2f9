/** Everything that reads certificates. */
import type { Format } from '../format.js';
import { publicKeyFormat } from './public-key.js';
import { unissued } from './unissued.js';
import { opensslVerifyFormat } from './verify.js';
import { x509Format } from './x509.js';

export { certificateFromX509Fields, type X509Fields } from './fields.js';
export { fileShown } from './file-name.js';
export { keyHalvesOf } from './key-half.js';

export const certificateFormats: readonly Format[] = [x509Format, opensslVerifyFormat, publicKeyFormat, unissued];
