/** The rights that sandboxes need: two accounts, a Role and its binding, as data. */
export { rightsObjects, type PolicyRule, type Role, type RoleBinding } from './objects.ts';
export { appAccount, managerBinding, managerRole, managerRules, sandboxAccount, type ManagerRule } from './rules.ts';
