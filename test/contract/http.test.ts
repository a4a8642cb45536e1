/** Every route against its table. One file: the daemons that all of them share are started once. */
import { testContracts } from "./support/contract-tests.js";
import { CONTRACTS } from "./tables/index.js";

testContracts(CONTRACTS);
