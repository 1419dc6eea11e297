export { openAdminDatabase, type AdminDatabase, type AdminOptions } from './database.ts';
export { checkOrder, expiryAfter } from '../tokens/order.ts';
export { createToken, listTokens, revokeToken, type ListedToken } from '../tokens/tokens.ts';
export { restoreBackup } from '../backup/restore.ts';
export { writeBackup } from '../backup/write.ts';
