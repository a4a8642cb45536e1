/** Every route against its table, and against its gate. One file: each takes the whole program to be loaded. */
import { testContracts } from "./support/contract-tests.js";
import { testGates } from "./support/gate-tests.js";
import { CONTRACTS } from "./tables/index.js";

testContracts(CONTRACTS);
testGates(CONTRACTS);
