/** Packet filters other than xtables, kept opaque. */
import type { Format } from '../format.js';
import { bpftoolFormat } from './bpftool.js';
import { nftFormat } from './nft.js';
import { nftJsonFormat } from './nft-json.js';
import { tcFormat } from './tc.js';
import { xfrmFormat } from './xfrm.js';

export const foreignFormats: readonly Format[] = [bpftoolFormat, nftFormat, nftJsonFormat, tcFormat, xfrmFormat];
