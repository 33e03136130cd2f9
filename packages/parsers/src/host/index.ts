/** What a node says of itself: name, kernel, time, processes, modules, containers, reservations of addresses. */
import type { Format } from '../format.js';
import { containersFormat } from './containers.js';
import { containersJsonFormat } from './containers-json.js';
import { dateFormat } from './date.js';
import { dockerInfoFormat } from './docker-info.js';
import { figureFormats } from './figures.js';
import { frontFormats } from './fronts.js';
import { hostnameFormat } from './hostname.js';
import { kubernetesVersionFormat } from './kubernetes-version.js';
import { modulesFormat } from './modules.js';
import { processesFormat } from './processes.js';
import { reservationsFormat } from './reservations.js';
import { unameFormat } from './uname.js';
import { uptimeFormat } from './uptime.js';

export { parseInstant } from './instant.js';

export const hostFormats: readonly Format[] = [
  containersFormat,
  containersJsonFormat,
  dateFormat,
  dockerInfoFormat,
  hostnameFormat,
  kubernetesVersionFormat,
  modulesFormat,
  processesFormat,
  reservationsFormat,
  unameFormat,
  uptimeFormat,
  ...figureFormats,
  ...frontFormats,
];
