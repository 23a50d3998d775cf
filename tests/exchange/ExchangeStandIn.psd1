@{
    RootModule = 'ExchangeStandIn.psm1'
    ModuleVersion = '1.0.0'
    GUID = '5b0b5d6e-2f0c-4b0f-9a53-6c1f0d2a7e11'
    Author = 'EsgMailboxSync'
    Description = 'A stand-in for ExchangeOnlineManagement over a tenant file, for tests and the demo.'
    PowerShellVersion = '5.1'
    FunctionsToExport = @(
        'Set-ExchangeStandIn', 'Get-ExchangeStandInCall', 'Clear-ExchangeStandInCall'
        'Connect-ExchangeOnline', 'Disconnect-ExchangeOnline', 'Get-ConnectionInformation'
        'Get-EXOMailbox', 'Get-EXORecipient', 'Get-EXOMailboxPermission', 'Get-EXORecipientPermission'
    )
    CmdletsToExport = @()
    VariablesToExport = @()
    AliasesToExport = @()
}
