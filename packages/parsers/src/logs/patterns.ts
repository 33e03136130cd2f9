/** Addresses as logs write them; whoever reads the event looks closer. */
export const cidr = '[0-9A-Fa-f.:]{2,45}\\/\\d{1,3}';
export const ip = '[0-9A-Fa-f.:]{2,45}';
