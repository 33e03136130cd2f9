import { describe } from 'vitest';
import { ah } from './ah.js';
import { ah6 } from './ah6.js';
import { esp } from './esp.js';
import { ipcomp } from './ipcomp.js';
import { itPrints, itRefuses, itTests, laterFragment, type PrintRow, packet } from './testing.js';

const ranges = (option: string, word: string): readonly PrintRow[] => [
  [`--${option} 5`, `--${option} 5`, `${word} spi:5`],
  [`! --${option} 5:10`, `! --${option} 5:10`, `${word} spis:!5:10`],
  [`--${option} :10`, `--${option} 0:10`, `${word} spis:0:10`],
  [`--${option} 10:`, `--${option} 10:4294967295`, `${word} spis:10:4294967295`],
  [`--${option} 0x10`, `--${option} 16`, `${word} spi:16`],
  [`--${option} 10:5`, `--${option} 10:5`, `${word} spis:10:5`],
];
const everything = (option: string, word: string): readonly PrintRow[] => [
  [`--${option} 0:4294967295`, '', `${word} `],
  ['', '', word],
];

describe('ah', () => {
  itPrints(ah, 4, [...ranges('ahspi', 'ah'), ...everything('ahspi', 'ah')], { proto: 51 });
  itRefuses(ah, 4, [['--ahspi 4294967296', 'no range']], { proto: 51 });
  itTests(ah, [
    ['nobody asked for the SPI', '--ahspi 5', packet({ proto: 51 }), 'unknown'],
    [
      'its bytes tell it',
      '--ahspi 5:6',
      packet({ proto: 51, body: Uint8Array.from([17, 4, 0, 0, 0, 0, 0, 5, 0, 0, 0, 1]) }),
      'yes',
    ],
    [
      'half a header does not',
      '--ahspi 5:6',
      packet({ proto: 51, body: Uint8Array.from([17, 4, 0, 0, 0, 0, 0, 5]) }),
      'unknown',
    ],
    ['any will do', '--ahspi 0:4294967295', packet({ proto: 51 }), 'yes'],
    ['none is in a range that runs backwards', '--ahspi 10:5', packet({ proto: 51 }), 'no'],
    ['a later fragment has no such header', '! --ahspi 10:5', laterFragment(51), 'no'],
    ['UDP neither', '! --ahspi 5', packet(), 'no'],
  ]);
  itPrints(ah6, 6, [
    ...ranges('ahspi', 'ah'),
    ...everything('ahspi', 'ah'),
    ['--ahlen 5', '--ahlen 5', 'ah length:5'],
    ['! --ahlen 0', '! --ahlen 0', 'ah length:!0'],
    ['--ahlen 0', '', 'ah '],
    ['--ahres', '--ahres', 'ah  reserved'],
    ['--ahspi 5 --ahlen 6 --ahres', '--ahspi 5 --ahlen 6 --ahres', 'ah spi:5length:6 reserved'],
  ]);
  itTests(ah6, [
    ['a packet without the header', '--ahspi 5', packet({ family: 6 }), 'no'],
    ['nor negated', '! --ahspi 5', packet({ family: 6 }), 'no'],
    ['one that has it', '', packet({ family: 6, proto: 59, extensions: [51] }), 'yes'],
    ['and nobody said what stands in it', '--ahspi 5', packet({ family: 6, proto: 59, extensions: [51] }), 'unknown'],
  ]);
});

describe('esp', () => {
  for (const family of [4, 6] as const)
    itPrints(esp, family, [...ranges('espspi', 'esp'), ...everything('espspi', 'esp')], { proto: 50 });
  itTests(esp, [
    ['nobody asked for the SPI', '! --espspi 5', packet({ proto: 50 }), 'unknown'],
    [
      'its bytes tell it',
      '! --espspi 5',
      packet({ proto: 50, sport: null, dport: null, body: Uint8Array.from([0, 0, 0, 5, 0, 0, 0, 1]) }),
      'no',
    ],
    ['any will do', '', packet({ proto: 50 }), 'yes'],
    ['UDP has none', '', packet(), 'no'],
  ]);
});

describe('ipcomp', () => {
  for (const family of [4, 6] as const)
    itPrints(
      ipcomp,
      family,
      [
        ...ranges('ipcompspi', 'comp'),
        ['--ipcompspi 0:65535', '--ipcompspi 0:65535', 'comp spis:0:65535'],
        ['--ipcompspi 5 --compres', '--ipcompspi 5 --compres', 'comp spi:5 reserved'],
        ['--compres', '--ipcompspi 0 --compres', 'comp spi:0 reserved'],
        ['', '--ipcompspi 0', 'comp spi:0'],
      ],
      { proto: 108 },
    );
  itTests(ipcomp, [
    ['nobody asked for the index', '--ipcompspi 5', packet({ proto: 108 }), 'unknown'],
    ['any will do', '--ipcompspi 0:4294967295', packet({ proto: 108 }), 'yes'],
    ['UDP has none', '--ipcompspi 5', packet(), 'no'],
  ]);
});
