@{
    RootModule = 'PowerShellCommands.psm1'
    ModuleVersion = '1.0.0'
    GUID = 'c4e6a3f2-7d1b-4f0e-9a58-2b6f7c0d9e34'
    Author = 'EsgMailboxSync'
    Description = 'Commands of PowerShell that the bare engine lacks, for tests and the demo.'
    PowerShellVersion = '7.4'
    FunctionsToExport = '*' # what the psm1 exports: only what is lacking
    CmdletsToExport = '*'
    VariablesToExport = @()
    AliasesToExport = @()
}
