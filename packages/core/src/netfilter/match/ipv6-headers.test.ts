import { describe } from 'vitest';
import { parseMac } from '../../inet/mac.js';
import { eui64 } from './eui64.js';
import { dst, hbh } from './ext-options.js';
import { ipv6header } from './ipv6header.js';
import { itPrints, itRefuses, itTests, packet } from './testing.js';

describe('dst and hbh', () => {
  for (const def of [dst, hbh]) {
    const { name } = def;
    itPrints(def, 6, [
      [`--${name}-len 8`, `--${name}-len 8`, `${name} length:8`],
      [`! --${name}-len 8`, `! --${name}-len 8`, `${name} length:!8`],
      [`--${name}-len 0`, `--${name}-len 0`, `${name} length:0`],
      [`--${name}-opts 1:2,3,4:5`, `--${name}-opts 1:2,3,4:5`, `${name} opts 1:2,3,4:5`],
      [`--${name}-len 8 --${name}-opts 5:0`, `--${name}-len 8 --${name}-opts 5:0`, `${name} length:8 opts 5:0`],
      [`--${name}-opts 256`, `--${name}-opts 0`, `${name} opts 0`],
      [`--${name}-opts 255:255,0`, `--${name}-opts 255,0`, `${name} opts 255,0`],
      [`--${name}-opts 0x1:0x102`, `--${name}-opts 1:2`, `${name} opts 1:2`],
      ['', '', name],
    ]);
    itRefuses(def, 6, [
      [`--${name}-opts 1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1`, 'more than 16'],
      [`--${name}-opts 1,`, 'no type'],
      [`--${name}-opts 1:`, 'no type'],
      [`! --${name}-opts 1`, 'takes no !'],
    ]);
    const extensions = [name === 'dst' ? 60 : 0];
    itTests(def, [
      ['a packet without the header', '', packet({ family: 6 }), 'no'],
      ['nor negated', `! --${name}-len 8`, packet({ family: 6 }), 'no'],
      ['one that has it', '', packet({ family: 6, extensions }), 'yes'],
      ['and nobody said what stands in it', `--${name}-len 8`, packet({ family: 6, extensions }), 'unknown'],
    ]);
  }
});

describe('ipv6header', () => {
  itPrints(ipv6header, 6, [
    ['--header hop', '--header hop-by-hop', 'ipv6header flags:0x80'],
    [
      '--header hop-by-hop,dst,route,frag,auth,esp,none,prot',
      '--header hop-by-hop,ipv6-opts,ipv6-route,ipv6-frag,ah,esp,ipv6-nonxt,protocol',
      'ipv6header flags:0xFF',
    ],
    ['! --header dst --soft', '! --header ipv6-opts --soft', 'ipv6header flags:!0x40 soft'],
    ['! --header dst --soft', '! --header ipv6-opts --soft', 'ipv6header flags:!ipv6-opts soft'],
    ['--header 255', '--header protocol', 'ipv6header flags:0x01'],
    ['--header 0,hop', '--header hop-by-hop', 'ipv6header flags:hop-by-hop'],
  ]);
  itRefuses(ipv6header, 6, [
    ['', 'missing'],
    ['--soft', 'missing'],
    ['--header tcp', 'no header'],
    ['--header proto', 'no header'],
    ['--header 58,17', 'no header'],
  ]);
  itTests(ipv6header, [
    ['nothing but the upper protocol', '--header prot', packet({ family: 6 }), 'yes'],
    ['not negated', '! --header prot', packet({ family: 6 }), 'no'],
    ['every header is named', '--header ah,none', packet({ family: 6, proto: 59, extensions: [51] }), 'yes'],
    ['one of two', '--header ah', packet({ family: 6, proto: 59, extensions: [51] }), 'no'],
    ['others may be there too', '--header ah --soft', packet({ family: 6, proto: 59, extensions: [51] }), 'yes'],
    ['a soft negation wants none of them', '! --header ah,prot --soft', packet({ family: 6 }), 'no'],
    ['and is content with that', '! --header ah,esp --soft', packet({ family: 6 }), 'yes'],
    ['ESP ends the walk', '--header esp', packet({ family: 6, proto: 50 }), 'yes'],
    ['a fragment', '--header frag,prot', packet({ family: 6, fragment: { offset: 0, more: true } }), 'yes'],
    [
      'what a later fragment holds is read as a header',
      '--header ah',
      packet({ family: 6, proto: 51, fragment: { offset: 9, more: true } }),
      'unknown',
    ],
  ]);
});

describe('eui64', () => {
  const srcMac = parseMac('02:11:22:33:44:55');
  itPrints(eui64, 6, [['', '', 'eui64 ']]);
  itRefuses(eui64, 6, [['', 'no frame']], { chain: 'OUTPUT' });
  itTests(eui64, [
    [
      'the universal/local bit is turned over',
      '',
      packet({ family: 6, src: 'fd00:a::11:22ff:fe33:4455', srcMac }),
      'yes',
    ],
    ['and not left as it is', '', packet({ family: 6, src: 'fd00:a::211:22ff:fe33:4455', srcMac }), 'no'],
    ['an unknown sender', '', packet({ family: 6, src: 'fd00:a::11:22ff:fe33:4455' }), 'unknown'],
  ]);
});
