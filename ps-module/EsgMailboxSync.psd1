@{
    RootModule = 'bin/EsgMailboxSync.dll'
    ModuleVersion = '0.1.0'
    GUID = '5f0a3c9e-6c0b-4a53-9d0e-0f6f3c1b7a42'
    Author = 'The EsgMailboxSync contributors'
    CompanyName = 'The EsgMailboxSync contributors'
    Copyright = '(c) The EsgMailboxSync contributors. MIT or Apache-2.0.'
    Description = 'Reads who may open which Exchange Online shared mailbox, works out the people behind every grant, and brings the user aliases of a Libraesva ESG appliance in line with that: it reads everything, shows a plan, applies exactly that plan, and proves the result.'
    PowerShellVersion = '5.1'
    CompatiblePSEditions = @('Desktop', 'Core')
    DotNetFrameworkVersion = '4.7.2'
    FormatsToProcess = @('EsgMailboxSync.format.ps1xml')
    CmdletsToExport = @(
        'Compare-MailboxDelegation'
        'Connect-Esg'
        'Disconnect-Esg'
        'Export-MailboxDelegation'
        'Export-MailboxSyncReport'
        'Get-EsgUser'
        'Get-MailboxDelegation'
        'Get-MailboxSyncRun'
        'Import-MailboxDelegation'
        'Invoke-MailboxSyncPlan'
        'New-EsgPlan'
        'Register-MailboxSyncTask'
        'Sync-EsgSharedMailbox'
        'Test-MailboxSyncPrerequisite'
        'Undo-MailboxSyncRun'
    )
    FunctionsToExport = @()
    AliasesToExport = @()
    VariablesToExport = @()
    PrivateData = @{
        PSData = @{
            Tags = @('Exchange', 'ExchangeOnline', 'SharedMailbox', 'Delegation', 'Permissions', 'Libraesva', 'ESG', 'PSEdition_Desktop', 'PSEdition_Core', 'Windows', 'Linux')
        }
    }
}
